"""What is deployed: the functions and their layer, packed from a clean copy of the commit."""
