NAME = "growth"
WHAT = ""
