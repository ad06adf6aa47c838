"""What scripts/bench can measure, in the order of the table."""
import edge
import growth
import hashes
import idle
import overload
import start
import store

ALL = {module.NAME: module for module in (edge, store, hashes, idle, overload, growth, start)}
