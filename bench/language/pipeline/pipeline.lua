-- Closures over iterators, which is how Lua chains without building tables.
local by, length = 3, 1000000
local function range(n) local i = -1; return function() i = i + 1; if i < n then return i end end end
local function map(f, it) return function() local x = it(); if x ~= nil then return f(x) end end end
local function filter(p, it)
  return function() local x = it(); while x ~= nil and not p(x) do x = it() end; return x end
end
local sum = 0
for x in filter(function(x) return x % by == 0 end, map(function(x) return x + by end, range(length))) do sum = sum + x end
print(sum)
