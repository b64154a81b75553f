"""`orderwire blackfriday`: the story that this system was made for, told with figures.

A rush of orders comes while analytics has become slow, and the payment provider has twelve of the orders on file with a
wrong amount. Payments and shipping keep their pace; the twelve wait as dead letters with their reasons until the
provider has mended its file; then they are sent back, paid and shipped, and nothing is lost or charged twice.
"""
