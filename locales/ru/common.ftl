### Что нужно разным частям.

common-days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[many] { $count } дней
}
common-payment-description = Подписка «{ $plan }», { $length }
common-refund-description = Возврат по решению оператора
