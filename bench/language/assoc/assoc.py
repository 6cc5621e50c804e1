# A mutable dictionary: what such a program does in Python.
def work():
    m = {}
    for i in range(1000000): m[i] = i
    return len(m)
print(work())
