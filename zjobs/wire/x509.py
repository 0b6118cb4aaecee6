"""What a certificate says of itself, in a few lines.

Reference: RFC 5280.  The ASN.1 is read by asn1crypto.
"""


def facts(der: bytes) -> list[tuple[str, str]] | None:
    """Labels and texts: subject, issuer, serial number, validity, names, key; None if it cannot be read.

    The first two are subject and issuer.
    """
    # Imported when the first certificate is shown: most runs show none.
    from asn1crypto.x509 import Certificate

    try:
        one = Certificate.load(der)
        key = one.public_key
        out = [
            ("Subject", one.subject.human_friendly),
            ("Issuer", one.issuer.human_friendly),
            ("Serial Number", f"{one.serial_number:X}"),
            ("Valid From", f"{one.not_valid_before:%Y/%m/%d %H:%M:%S}"),
            ("Valid To", f"{one.not_valid_after:%Y/%m/%d %H:%M:%S}"),
            ("Public Key", f"{key.algorithm} {key.bit_size}"),
        ]
        names = one.subject_alt_name_value
        if names is not None:
            out.append(("Alternative Names", " ".join(str(name.native) for name in names)))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        # asn1crypto has no exception of its own: it raises these on what is no certificate.
        return None
    return out
