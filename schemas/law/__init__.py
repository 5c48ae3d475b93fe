"""The law as dated data: national/, saitama/ and kawaguchi/ hold it, book.py reads it, page.py prints it."""
