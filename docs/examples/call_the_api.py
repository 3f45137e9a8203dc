"""Submits a complaint over ippro's API, waits for its outcome, and shows why each link is up or down.

    IPPRO_KEY=ippro_… python call_the_api.py https://ippro.example https://mall.example/product/10086

Needs `pip install httpx`, and a key with the scopes `filings:read` and `complaints:write`.
"""

import os
import sys
import time
import uuid
from typing import Any

import httpx


class Problem(Exception):
    """What the API refused: `code` is stable, `title` is for people, `errors` names the fields."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.code, self.errors = said["code"], said.get("errors", {})
        super().__init__(f"{said['code']}: {said['title']} {self.errors or ''}")


class Ippro:
    """A few calls of the API; every one of them is written in the same way."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def call(self, method: str, path: str, *, body: Any = None, **headers: str) -> Any:
        """One call. What was asked too often waits as long as it is told to; what was refused is a Problem.

        A POST carries an Idempotency-Key, so that it can be sent again after a time-out and still counts once.
        """
        if method == "POST":
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        while True:
            answer = self.http.request(method, f"/api/v1{path}", json=body, headers=headers)
            if answer.status_code != 429:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        if answer.is_error:
            raise Problem(answer.json())
        return answer.json() if answer.content else None

    def pages(self, path: str) -> Any:
        """Everything of a list, page by page."""
        page = self.call("GET", path)
        yield from page["results"]
        while page["next"]:
            page = self.http.get(page["next"]).raise_for_status().json()
            yield from page["results"]

    def complain(self, links: list[str]) -> Any:
        right = next(f for f in self.pages("/filings") if f["is_in_force"])
        return self.call(
            "POST",
            "/complaints",
            body={
                "right": right["id"], "infringement": "counterfeit", "links": links, "good_faith": True,
                "description": "The seams differ from ours and the label has no number.", "signature": "Lin Wen",
            },
        )  # fmt: skip


def main() -> None:
    base, *links = sys.argv[1:]
    headers = {"Authorization": f"Bearer {os.environ['IPPRO_KEY']}", "Accept-Language": "en"}
    with httpx.Client(base_url=base, headers=headers, timeout=30) as http:
        api = Ippro(http)
        made = api.complain(links)
        print(f"{made['number']} is {made['state']}: {made['next']['next']}")
        for link in api.call("GET", f"/complaints/{made['id']}/links"):
            print(link)


if __name__ == "__main__":
    main()
