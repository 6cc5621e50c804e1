-- A mutable table, filled from a key that keeps it a hash: what such a program does in Lua.
local m, n = {}, 0
for i = 1, 1000000 do m[-i] = i; n = n + 1 end
print(n)
