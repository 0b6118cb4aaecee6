"""TLS: versions, and handshakes that fail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .lab import CLIENT, CLIENT_IP, SERVER_IP, Lab, client, run
from .registry import scenario


def certificate(work: Path, *, start: str, end: str) -> tuple[str, str]:
    """Key and self-signed certificate that exist until the scenario ends."""
    key, request, cert, config = (str(work / name) for name in ("key.pem", "request.pem", "cert.pem", "ca.conf"))
    Path(work, "index.txt").touch()
    Path(config).write_text(
        f"[ca]\ndefault_ca=demo\n[demo]\nnew_certs_dir={work}\ndatabase={work}/index.txt\nrand_serial=yes\n"
        "default_md=sha256\npolicy=any\nx509_extensions=ext\n[any]\ncommonName=supplied\norganizationName=optional\n"
        "[ext]\nsubjectAltName=DNS:www.example.com\nbasicConstraints=CA:true\n"
    )
    name = "/O=Example/CN=www.example.com"
    run("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", name)
    dates = ["-startdate", start, "-enddate", end]
    run(
        "openssl",
        "ca",
        "-batch",
        "-notext",
        "-config",
        config,
        "-selfsign",
        "-keyfile",
        key,
        "-in",
        request,
        *dates,
        "-out",
        cert,
    )
    return key, cert


def tls(
    lab: Lab, work: Path, out: Path, *, server: Sequence[str], client_: Sequence[str], expired: bool = False
) -> None:
    end = "20210101000000Z" if expired else "20990101000000Z"
    key, cert = certificate(work, start="20200101000000Z", end=end)
    lab.serve(
        "openssl", "s_server", "-accept", f"{SERVER_IP}:443", "-key", key, "-cert", cert, "-www", *server, port=443
    )
    lab.capture(out, CLIENT)
    words = ["openssl", "s_client", "-connect", f"{SERVER_IP}:443", "-servername", "www.example.com", "-CAfile", cert]
    client(*words, "-verify_return_error", "-ign_eof", *client_, data="GET / HTTP/1.0\r\n\r\n")


@scenario(
    "tls12.pcap",
    home=CLIENT_IP,
    shows="TLS 1.2 handshake, a request and its answer",
    finding="nothing wrong; version, cipher and certificate dates can be read",
    expect={"tls.handshake.type == 2": 1, "tls.handshake.type == 11": 1, "tls.app_data": 2},
)
def tls12(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    tls(lab, work, out[0], server=["-tls1_2"], client_=["-tls1_2"])


@scenario(
    "tls13.pcap",
    home=CLIENT_IP,
    shows="TLS 1.3 handshake, a request and its answer",
    finding="nothing wrong; the certificate is encrypted",
    expect={
        "tls.handshake.extensions.supported_version == 0x0304": 2,
        "tls.app_data": 2,
        "tls.handshake.type == 11": 0,
    },
)
def tls13(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    tls(lab, work, out[0], server=["-tls1_3"], client_=["-tls1_3"])


@scenario(
    "tls-version.pcap",
    home=CLIENT_IP,
    shows="The client speaks TLS 1.2 only, the server TLS 1.3 only",
    finding="alert protocol_version (70) from the server: no common version",
    expect={"tls.alert_message.desc == 70": 1, "tls.handshake.type == 2": 0},
)
def tls_version(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    tls(lab, work, out[0], server=["-tls1_3"], client_=["-tls1_2"])


@scenario(
    "tls-cipher.pcap",
    home=CLIENT_IP,
    shows="Client and server have no cipher in common",
    finding="alert handshake_failure (40) from the server; compare the offered ciphers",
    expect={"tls.alert_message.desc == 40": 1, "tls.handshake.type == 1": 1},
)
def tls_cipher(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    tls(
        lab,
        work,
        out[0],
        server=["-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"],
        client_=["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
    )


@scenario(
    "tls-expired.pcap",
    home=CLIENT_IP,
    shows="TLS 1.2; the server's certificate ended on 2021-01-01",
    finding="alert certificate_expired (45) from the client; the certificate's dates prove it",
    expect={"tls.alert_message.desc == 45": 1, "tls.handshake.type == 11": 1},
)
def tls_expired(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    tls(lab, work, out[0], server=["-tls1_2"], client_=["-tls1_2"], expired=True)
