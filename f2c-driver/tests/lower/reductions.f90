subroutine s(a, b, n)
  double precision a(n), b(n), x
  logical l
  i = maxloc(a(2:n), 1)
  x = abs(maxval(a(1:3))) + dot_product(a, b) + sum(b(1:n))
  if (any(a(1:n) > 0)) x = 0
  l = all(b == 0d0)
end
