"""Operands of a command: cut at commas, keywords recognised by their shortest form."""

from mock_zos.writer import Refused


def split(text: str) -> list[str]:
    """Operands between commas; a comma in parentheses or apostrophes does not separate."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == "'"
        depth += {"(": 1, ")": -1}.get(character, 0) if not quoted else 0
        if character == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def keyword(operand: str, forms: tuple[str, ...]) -> tuple[str, str]:
    """The keyword of ``operand`` and its value; the capitals of a form such as ``IPaddr`` are its shortest spelling.

    >>> keyword("PORTN=21", ("PORTNum", "PROT"))
    ('PORTNUM', '21')
    """
    word, _, value = operand.partition("=")
    for form in forms:
        whole, shortest = form.upper(), "".join(c for c in form if not c.islower())
        if whole.startswith(word) and len(word) >= len(shortest):
            return whole, value
    raise Refused("IEE708I", verb="", keyword=word)


def listed(value: str) -> list[str]:
    """Names in a value that is one name or a list in parentheses."""
    return value.removeprefix("(").removesuffix(")").split(",") if value else []
