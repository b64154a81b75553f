"""Payment providers: what payment asks of one (`port`), the ones there are, and who pays where (`choose`)."""
