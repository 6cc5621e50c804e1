local last
for i = 1, 100000000 do last = i end
print(last)
