from functools import reduce
def work():
    by = 3
    return reduce(lambda total, x: total + x, filter(lambda x: x % by == 0, map(lambda x: x + by, range(1000000))), 0)
print(work())
