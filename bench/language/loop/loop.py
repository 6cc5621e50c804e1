# A tenth of the others' count; `run` multiplies the time by ten and says so.
def work():
    i = 0
    while i < 10000000: i += 1
    return i
print(work() * 10)
