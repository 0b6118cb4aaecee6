"""Counts in words."""


def counted(number: int | str, words: str) -> str:
    """A count and the words that go with it: ``words`` is a noun, or ``one|many`` where an s is not enough."""
    one, _, many = words.partition("|")
    text = number if isinstance(number, str) else f"{number:,}"
    return f"{text} {one if text.strip() == '1' else many or one + 's'}"
