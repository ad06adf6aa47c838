NAME = "start"
WHAT = ""
