"""Complains of up to a thousand links in one call of ippro's API, waits until all are sent, and shows what became of each.

    IPPRO_KEY=ippro_… python complain_of_many.py https://ippro.example links.txt

Needs `pip install httpx`, a key with the scopes `filings:read` and `complaints:write`, and a file with one link a line.
Started again with the same file it sends nothing twice: the Idempotency-Key is a digest of what it sends.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

SHEETS = "/api/v1/complaints/sheets"


def complain(http: httpx.Client, links: list[str]) -> Any:
    """Hand in and sign the rows in one call; bad ones are left out. Answers with the id to follow it by."""
    filings = http.get("/api/v1/filings").raise_for_status().json()["results"]
    right = next(filing for filing in filings if filing["is_in_force"])
    body = {
        "rows": [{"link": link} for link in links],
        # What holds for every row that says nothing itself.
        "filing": right["id"], "infringement": "counterfeit",
        "description": "The seams differ from ours and the label has no number.",
        "confirm": {"signature": "Lin Wen", "good_faith": True, "all_or_nothing": False},
    }  # fmt: skip
    key = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return http.post(SHEETS, json=body, headers={"Idempotency-Key": key}).raise_for_status().json()


def fates(http: httpx.Client, sheet: str, wait: Callable[[float], object] = time.sleep) -> Iterator[dict[str, Any]]:
    """What became of each row, once all are done."""
    while http.get(f"{SHEETS}/{sheet}").raise_for_status().json()["state"] != "done":
        wait(2)
    address: str | None = f"{SHEETS}/{sheet}/rows?page_size=1000"
    while address:
        page = http.get(address).raise_for_status().json()
        yield from page["results"]
        address = page["next"]


def main() -> None:
    base, name = sys.argv[1:]
    links = [line.strip() for line in Path(name).read_text().splitlines() if line.strip()]
    headers = {"Authorization": f"Bearer {os.environ['IPPRO_KEY']}", "Accept-Language": "en"}
    with httpx.Client(base_url=base, headers=headers, timeout=60) as http:
        sheet = complain(http, links)
        for row in fates(http, sheet["id"]):
            print(row["row"], row["name"], row["state"], row["number"] or row["message"])


if __name__ == "__main__":
    main()
