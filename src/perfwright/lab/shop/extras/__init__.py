"""What some makes of the shop have besides: each file one feature of the item page, or a chore.

    item_page ─► {bestsellers, carrier, offers, seen_lately, stock_levels, supply}
    around the whole shop: {cpu_share, journal, price_list}

Each comes in more than one form, as the same feature does in the life of a code base.
"""
