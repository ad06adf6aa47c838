NAME = "store"
WHAT = ""
