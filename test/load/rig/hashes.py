NAME = "hash"
WHAT = ""
