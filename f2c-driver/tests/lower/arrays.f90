subroutine s(a, b, k, l, n)
  integer k, l, n
  double precision a(n,*), b(0:9), c(3), t
  b = 0
  b(1:3) = b(1:3) + 2
  a(k:l, 1) = a(k, 1) * b(2:l-k+2)
  c = (/ 1d0, t, 3d0 /)
  if (n > 0) b(:) = abs(c(1)) * b
  a(1:n:2, 2) = b(0:n/2)
  write (*,*) b(1:3), (/ k, l /)
  call sub(a(1:n, 3), b(2:), [n], transfer(b(3:4), c, 2))
end
