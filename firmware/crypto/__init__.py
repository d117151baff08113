"""The board's cryptography: verification, key agreement, opening. No I/O, no policy."""
