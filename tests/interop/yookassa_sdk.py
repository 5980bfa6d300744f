"""Drives the simulated shop with YooKassa's official SDK.

Arguments: the API's base address, the shop's number, its key, and an address of this machine on
which to receive notifications. Control of the shop (paying) goes through its payment page, as a
payer's browser would. Any difference ends with an assertion and exit code 1.
"""

import json
import queue
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
import uuid
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer

from yookassa import Configuration, Payment, Refund, Settings
from yookassa.domain.exceptions import BadRequestError, NotFoundError, UnauthorizedError
from yookassa.domain.notification import WebhookNotificationEventType, WebhookNotificationFactory

NOTIFICATIONS = queue.Queue()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        NOTIFICATIONS.put(json.loads(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def receive(port):
    server = HTTPServer(("127.0.0.1", port), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def next_notification(event):
    notification = WebhookNotificationFactory().create(NOTIFICATIONS.get(timeout=10))
    assert notification.type == "notification", notification.type
    assert notification.event == event, notification.event
    return notification.object


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def pay(confirmation_url, card):
    browser = urllib.request.build_opener(Stay, urllib.request.ProxyHandler({}))
    page = browser.open(confirmation_url, timeout=10).read().decode()
    assert "Заказ №72" in page and card in page, page
    form = urllib.parse.urlencode({"card": card}).encode()
    try:
        browser.open(confirmation_url, form, timeout=10)
    except urllib.error.HTTPError as answer:
        assert answer.code == 303, answer.code
        return answer.headers["Location"]
    raise AssertionError("the payer is not sent back")


def order(number, **other):
    return {
        "amount": {"value": "299.00", "currency": "RUB"},
        "confirmation": {"type": "redirect", "return_url": "https://example.ru/thanks"},
        "capture": True,
        "description": "Заказ №72",
        "metadata": {"order_id": str(number)},
        "merchant_customer_id": "c_1",
        **other,
    }


def receipt():
    item = {
        "description": "Подписка",
        "quantity": 1,
        "amount": {"value": "299.00", "currency": "RUB"},
        "vat_code": 1,
        "payment_subject": "service",
        "payment_mode": "full_payment",
    }
    return {"customer": {"email": "anna@example.ru"}, "items": [item]}


def settings_are_read():
    me = Settings.get_account_settings()
    assert me.account_id == Configuration.account_id and me.test is True, dict(me)
    assert me.status == "enabled" and me.fiscalization.enabled is False, dict(me)


def a_payment_lives_its_life():
    key = str(uuid.uuid4())
    made = Payment.create(order(1, receipt=receipt()), key)
    assert made.status == "pending" and made.paid is False, dict(made)
    assert made.amount.value == Decimal("299.00"), made.amount.value
    assert Payment.create(order(1, receipt=receipt()), key).id == made.id

    back = pay(made.confirmation.confirmation_url, "5555555555554477")
    assert back == "https://example.ru/thanks", back
    told = next_notification(WebhookNotificationEventType.PAYMENT_SUCCEEDED)
    assert told.id == made.id and told.metadata["order_id"] == "1", dict(told)

    read = Payment.find_one(made.id)
    assert read.status == "succeeded" and read.paid is True and read.test is True, dict(read)
    assert read.payment_method.card.last4 == "4477", dict(read.payment_method)
    assert read.income_amount.value < read.amount.value, dict(read)
    assert read.recipient.account_id == Configuration.account_id, dict(read.recipient)
    return made.id


def a_declined_card_cancels():
    made = Payment.create(order(2))
    pay(made.confirmation.confirmation_url, "5555555555554600")
    told = next_notification(WebhookNotificationEventType.PAYMENT_CANCELED)
    assert told.id == made.id, dict(told)
    details = Payment.find_one(made.id).cancellation_details
    assert details.party == "payment_network", details.party
    assert details.reason == "insufficient_funds", details.reason


def held_money_is_taken_or_let_go():
    for finish, event in [
        (Payment.capture, WebhookNotificationEventType.PAYMENT_SUCCEEDED),
        (Payment.cancel, WebhookNotificationEventType.PAYMENT_CANCELED),
    ]:
        made = Payment.create(order(3, capture=False))
        pay(made.confirmation.confirmation_url, "4111111111111111")
        held = next_notification(WebhookNotificationEventType.PAYMENT_WAITING_FOR_CAPTURE)
        assert held.id == made.id and held.status == "waiting_for_capture", dict(held)
        finished = finish(made.id)
        assert next_notification(event).id == made.id
        assert finished.status == Payment.find_one(made.id).status


def money_is_given_back(payment_id):
    part = {"payment_id": payment_id, "amount": {"value": "100.00", "currency": "RUB"}}
    made = Refund.create(part)
    told = next_notification(WebhookNotificationEventType.REFUND_SUCCEEDED)
    assert told.id == made.id and told.payment_id == payment_id, dict(told)
    assert Refund.find_one(made.id).amount.value == Decimal("100.00")
    assert Payment.find_one(payment_id).refunded_amount.value == Decimal("100.00")
    rest = {"payment_id": payment_id, "amount": {"value": "199.00", "currency": "RUB"}}
    Refund.create(rest)
    next_notification(WebhookNotificationEventType.REFUND_SUCCEEDED)
    refused(BadRequestError, lambda: Refund.create(part))
    refunds = Refund.list({"payment_id": payment_id, "limit": 1})
    assert len(refunds.items) == 1 and refunds.next_cursor, dict(refunds)
    assert Payment.find_one(payment_id).refundable is False


def a_list_is_read_to_its_end():
    made = [Payment.create(order(number)).id for number in range(25)]
    seen, query = [], {"limit": 10}
    while True:
        page = Payment.list(query)
        seen += [payment.id for payment in page.items]
        if not page.next_cursor:
            break
        query["cursor"] = page.next_cursor
    assert seen[:25] == made[::-1], "the newest come first"
    assert len(seen) == len(set(seen)), "no payment comes twice"
    pending = Payment.list({"limit": 100, "status": "pending"}).items
    assert len(pending) == 25, len(pending)


def errors_are_told(api_url, shop_id, key):
    refused(NotFoundError, lambda: Payment.find_one("2d000000-000f-5000-8000-ffffffffffff"))
    wrong = order(4, metadata={"order_id": "4" * 513})
    refused(BadRequestError, lambda: Payment.create(wrong))
    Configuration.configure(shop_id, "test_wrong", api_url=api_url)
    refused(UnauthorizedError, Settings.get_account_settings)
    Configuration.configure(shop_id, key, api_url=api_url)


def refused(kind, call):
    try:
        call()
    except kind as error:
        assert error.content["type"] == "error", error.content
        return
    raise AssertionError(f"{kind.__name__} is not raised")


def main(api_url, shop_id, key, port):
    Configuration.configure(shop_id, key, api_url=api_url)
    server = receive(int(port))
    settings_are_read()
    payment_id = a_payment_lives_its_life()
    a_declined_card_cancels()
    held_money_is_taken_or_let_go()
    money_is_given_back(payment_id)
    a_list_is_read_to_its_end()
    errors_are_told(api_url, shop_id, key)
    server.shutdown()
    print("ok")


if __name__ == "__main__":
    main(*sys.argv[1:])
