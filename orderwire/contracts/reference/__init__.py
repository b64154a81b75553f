"""The reference that subscribers read: a static site of every event and who hears it, and an AsyncAPI document.

Both say nothing of their own: everything is read from the contracts, the consumers and the files of subscriptions/.
"""
