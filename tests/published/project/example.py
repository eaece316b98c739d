# The picture is computed by a compiled module.
from tinypic import Picture, triple

print("three times fourteen is", triple(14))
Picture()
