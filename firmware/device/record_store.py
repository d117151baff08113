"""The record and its witness: two files that only together are believed.

    record.cbor   digest, generation, sequence, body
    witness.cbor  digest, generation, sequence

A save counts the generation up, writes both beside the old ones, renames the record, and then
the witness. So after a power cut the witness is of the record's generation or one behind, and
nothing else can come about by itself: an older record put back, a file deleted, damaged or of
another board is tampering. Both files of one moment put back together are not noticed.
"""

from firmware.device.store import FOLDER, Damaged, Store, StoreError

_HEADER_LENGTH = 16
_UNKNOWN = (1 << 64) - 1


class Tampered(Exception):
    """The files are not as this board left them; the text says in what way."""


class RecordStore:
    def __init__(self, device_id, folder=FOLDER):
        """device_id: str; files with another board's id are not this board's."""
        owner = b"\0" + device_id.encode()
        self._record = Store("record.cbor", folder, b"record" + owner)
        self._witness = Store("witness.cbor", folder, b"witness" + owner)
        self._generation = 0
        self._header = None  # of the record that stands
        self._behind = False  # whether the witness is one behind it

    def create(self):
        """Write the first record, an empty one (at the factory). Raises StoreError."""
        self.save(b"", -1)

    def load(self):
        """Return the body last saved. Raises Tampered."""
        record, witness = _read(self._record), _read(self._witness)
        if not record:
            raise Tampered("the record is missing or damaged")
        if not witness:
            raise Tampered("the witness is missing or damaged")
        header = record[:_HEADER_LENGTH]
        generation, seen = _generation(header), _generation(witness)
        if seen > generation:
            raise Tampered("the record is older than the witness")
        if seen < generation - 1 or (seen == generation and witness != header):
            raise Tampered("the witness is not of this record")
        self._header, self._generation, self._behind = header, generation, seen != generation
        self._catch_up()
        return record[_HEADER_LENGTH:]

    def save(self, body, sequence):
        """Replace the record. sequence: int, -1 for none, or None where it is unknown.

        Raises StoreError, or MemoryError, and leaves the old one. Once the new record has
        its name it stands, whatever becomes of the witness: the next save or start mends that.
        """
        if self._behind and not self._catch_up():
            raise StoreError("the witness cannot be written")
        generation = self._generation + 1
        header = _header(generation, sequence)
        self._record.prepare(header, body)
        self._witness.prepare(header)
        try:
            self._record.put()
        except StoreError:
            # A flash that fails in mid-rename may have done it all the same.
            if (_read(self._record) or b"")[:_HEADER_LENGTH] != header:
                raise
        # From here on nothing may fail for want of memory: the new record has its name.
        self._header = header
        self._generation = generation
        self._behind = True
        self._name_witness()

    def start_anew(self):
        """After tampering: return (body, sequence), what can still be read of the record or
        None, and the highest sequence accepted or None. The next save takes their place.

        Only the witness tells the sequence: beside a missing one the record may be any old one.
        """
        record, witness = _read(self._record), _read(self._witness)
        headers = [content[:_HEADER_LENGTH] for content in (record, witness) if content]
        self._generation = max([_generation(header) for header in headers] or [0])
        self._behind = False
        sequences = [_sequence(header) for header in headers]
        known = witness and None not in sequences
        return record and record[_HEADER_LENGTH:], max(sequences) if known else None

    def _catch_up(self):
        """Bring a witness that is behind up to the record. Returns whether it is."""
        if self._behind:
            try:
                self._witness.prepare(self._header)
            except (OSError, MemoryError):
                return False
            self._name_witness()
        return not self._behind

    def _name_witness(self):
        try:
            self._witness.put()
            self._behind = False
        except (OSError, MemoryError):
            pass  # still behind: see `save`


def _read(store):
    """The file's octets, or None where there are none to be believed."""
    try:
        content = store.load()
    except Damaged:
        return None
    return content if content and len(content) >= _HEADER_LENGTH else None


def _header(generation, sequence):
    stored = _UNKNOWN if sequence is None else sequence + 1
    return generation.to_bytes(8, "big") + stored.to_bytes(8, "big")


def _generation(header):
    return int.from_bytes(header[:8], "big")


def _sequence(header):
    stored = int.from_bytes(header[8:_HEADER_LENGTH], "big")
    return None if stored == _UNKNOWN else stored - 1
