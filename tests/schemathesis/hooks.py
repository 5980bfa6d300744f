"""What no generator can make up, put right just before a request goes out.

Nothing that is wrong on purpose is touched: such values do not match their patterns.
"""

import re
import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    # A key that was used for one request is refused for another, as it should be; generators make
    # the same short texts again and again.
    headers = case.headers or {}
    key = headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,255}", key):
        headers["Idempotency-Key"] = uuid.uuid4().hex
    # Only a list itself can say where it goes on.
    query = case.query or {}
    cursor = query.get("cursor")
    if isinstance(cursor, str) and re.fullmatch(r"([0-9a-f]{2})+", cursor):
        del query["cursor"]
