"""The person's side of the simulated Telegram, through its control doors."""

import json
import time
import urllib.request


class Person:
    """Talks to one bot; `/sandbox/..` is plain JSON over HTTP."""

    def __init__(self, url: str, bot: str, name: str) -> None:
        self.root = f"{url}/sandbox"
        self.chat = f"{self.root}/chats/{bot}/{name}"

    def _call(self, url: str, body: dict | None = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as response:
            return json.load(response)

    def send(self, text: str) -> None:
        self._call(f"{self.chat}/send", {"text": text})

    def send_document(self, name: str, text: str) -> None:
        self._call(f"{self.chat}/document", {"name": name, "text": text})

    def press(self, button: str) -> None:
        self._call(f"{self.chat}/press", {"button": button})

    def block(self) -> None:
        self._call(f"{self.chat}/block", {})

    def unblock(self) -> None:
        self._call(f"{self.chat}/unblock", {})

    def fault(self, method: str, fault: str, **details: int) -> None:
        self._call(f"{self.root}/faults", {"method": method, "fault": fault, **details})

    def state(self) -> dict:
        return self._call(f"{self.chat}/messages")

    def answers(self) -> list[str | None]:
        events = self._call(f"{self.root}/events")
        return [event["text"] for event in events if event["kind"] == "answered"]

    def wait(self, needle: str, within_s: float = 10) -> dict:
        """Waits for a message of the bot that contains `needle`."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for message in self.state()["messages"]:
                if message["from_bot"] and needle in message["text"]:
                    return message
            time.sleep(0.02)
        raise AssertionError(f"{needle!r} did not come: {self.state()}")
