### What several parts need.

common-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
common-payment-description = Subscription “{ $plan }”, { $length }
common-refund-description = Refund by the operator's decision
