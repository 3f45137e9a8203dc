"""Words that show what a party is after. Documented in docs/reference/abuse-patterns.md; each is looked for without
case, width, spaces and punctuation, so that “P a y  us” is found too. A word found is evidence, never a verdict.
"""

#: threats, and offers to stop complaining for money
THREATS = (
    "不给钱", "给钱就撤", "打钱", "付款后撤诉", "付款后撤回", "撤诉费", "撤回费", "私了", "投诉到关店", "封店为止",
    "否则继续投诉", "不然继续投诉", "不转账就", "加微信谈", "保护费", "和解费",
    "pay us or", "pay me or", "until you pay", "unless you pay", "for a fee we withdraw", "we withdraw if you pay",
    "withdraw for money", "or we close your shop", "or we will keep complaining", "protection money",
)  # fmt: skip
#: money that changed hands before a withdrawal
MONEY = (
    "已付款", "已收款", "收到款", "收到和解金", "和解金", "赔偿款已付", "对方已转账", "已打款",
    "payment received", "they paid", "seller paid", "settlement paid", "paid the fee", "received the money",
)  # fmt: skip
#: papers that are not what they seem
FORGED = (
    "伪造", "变造", "篡改", "假证", "PS证", "冒用", "虚假授权",
    "forged", "forgery", "falsified", "counterfeit certificate", "doctored", "tampered", "fake power of attorney",
)  # fmt: skip
