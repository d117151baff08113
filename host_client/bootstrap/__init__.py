"""The bootstrap server: hands each board its next order, and takes the receipts.

It holds orders that are sealed already. It can open none, and make none that a board would obey.
"""
