"""Numbers of the demo world: right by their check characters, and outside what any office has given out.

Credit codes use the region 990000, trademarks start at 99 000 000, serial numbers of patents and works
at 9 000 000: none of these is in use, so that no number here belongs to anybody.
"""

from stdnum.cn import uscc as credit_code


def uscc(serial: int) -> str:
    """A unified social credit code with both check characters. Source: GB 32100-2015, GB 11714-1997."""
    organisation = f"MA{serial:06d}"
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(letters.index(c) * w for c, w in zip(organisation, weights, strict=True))
    body = "91990000" + organisation + "0123456789X0"[11 - total % 11]
    return body + credit_code.calc_check_digit(body)


def trademark(serial: int) -> str:
    return str(99_000_000 + serial)


#: kind digit of a Chinese application number: 1 invention, 2 utility model, 3 design
PATENT_DIGIT = {"patent_invention": 1, "patent_utility": 2, "patent_design": 3}


def patent(kind: str, year: int, serial: int) -> str:
    """A patent number such as ZL202139000012.2: weights 2–9, 2–5, modulo 11. Source: ZC 0006-2003."""
    body = f"{year}{PATENT_DIGIT[kind]}{9_000_000 + serial:07d}"
    total = sum(int(d) * w for d, w in zip(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True))
    return f"ZL{body}.{'0123456789X'[total % 11]}"


def isbn(serial: int) -> str:
    """An ISBN-13 of group 7 with its check digit."""
    body = f"978798999{serial:03d}"
    return body + str(-sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(body)) % 10)
