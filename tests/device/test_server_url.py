"""firmware/provision/trial.py: where to knock for a server's URL."""

from firmware.provision.trial import host_and_port


def test_splits_urls():
    for url, expected in (
        ("https://example.org", ("example.org", 443)),
        ("http://example.org:8080/path?x=1", ("example.org", 8080)),
        ("mqtt://user:secret@broker.example", ("broker.example", 1883)),
        ("mqtts://[2001:db8::1]:999/x", ("2001:db8::1", 999)),
        ("https://[2001:db8::1]", ("2001:db8::1", 443)),
        ("http://example.org#@example.net", ("example.org", 80)),
        ("http://example.org:8080#x", ("example.org", 8080)),
        ("http://example.org/a@b?c@d", ("example.org", 80)),
    ):
        assert host_and_port(url) == expected, url


def test_refuses_what_is_no_server():
    no_servers = ["", "example.org", "ftp://x", "http://", "http://:80", "http://x:y", "http://[]"]
    no_servers += ["http://[::1]x80", "http://#x", "http://?x"]
    no_ports = ("0", "65536", "-1", "+80", "8_0", " 80", "9" * 300)
    for url in no_servers + ["http://x:" + port for port in no_ports]:
        try:
            host_and_port(url)
        except ValueError:
            continue
        raise AssertionError(url)
