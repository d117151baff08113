"""`python -m host_client.deploy`: push, build, flash."""

from __future__ import annotations

from host_client.deploy.command_line import main

if __name__ == "__main__":
    main()
