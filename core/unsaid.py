"""What no log keeps: the part of an address that opens something to whoever reads it."""

import logging
import re

#: private links, letters that confirm a notice or choose a password: what follows is the secret
_SECRET = re.compile(r"(/(?:case|report/confirm|account/password/reset/key)/)[^/\s]+")


class WithoutSecrets(logging.Filter):
    """Takes the secret out of addresses, such as that of a page that failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if (told := _SECRET.sub(r"\1…", said)) != said:
            record.msg, record.args = told, ()
        return True
