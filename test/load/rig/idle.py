NAME = "idle"
WHAT = ""
