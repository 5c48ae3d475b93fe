"""The same work in other forms: receipts in kind from Parquet to a reason and whole yen.

Belongs here: one module per form, each with `decide(folder, law)`, and the part of the law they share. Each reads
receipts, beneficiary_numbers, registrations, eligibility, persons and paid_before (Parquet files of `folder`) and
gives delivery, line_no, reason and amount_yen of every receipt. Does not belong here: steps, articles, numbers of
decisions, other public payers, signed rows; the city drawn for this comparison has none.

The part of the law, in its order: E2 whose number it is; H7 which payer; H5 which person; of the service month, from
birth: E3/E1 no day entitled nor to be ascertained, H9/H6 not every day entitled and the first day not said, H9, E3,
E1 what the first day says; D1 the same child, month, institution and care paid before or by an earlier receipt; H3
the rate of the age; H2 the sum; H4 not in kind or at the limit; N1 nothing left; P0.
"""
