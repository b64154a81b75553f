"""The routes of the API, by what they are about. Each says what it takes and answers; the work is done elsewhere."""
