NAME = "overload"
WHAT = ""
