subroutine s(a, b, n)
  integer n, i
  real a(n), b(n)
  where (a > 0.0)
    b = 1.0/a
    a = -a
  elsewhere
    b = 0
  end where
  where (a(2:n) .lt. a(1:n-1)) a(2:n) = a(1:n-1)
end subroutine
program p
  real a(4), b(4), c(2,2)
  integer k(3)
  logical m(2,2)
  a = (/ 1., -2., 4., 0. /)
  call s(a, b, 4)
  print *, a, b
  c = reshape(a, (/2,2/))
  m = c < 0
  where (m) c = c*c
  where (c == 0) 
    c = 5
  end where
  print *, c
  k = (/1,2,3/)
  where (k /= 2) k = k + sum(k)
  print *, k
  where (k > 100)
    k = 0
  elsewhere (k == 2)
    k = -2
  elsewhere
    k = 77
  endwhere
  print *, k
  call more
end program
subroutine more
  real a(5), b(5)
  integer i, m(2,2)
  logical l(5)
  a = (/ 1., -2., 3., -4., 5. /)
  b = 0
  where (a > 0) b = sqrt(a)
  print *, b
  where (a > 0)
    b = a
  elsewhere (a < -3)
    b = -99
  elsewhere
    b = 0
  end where
  print *, b
  l = a > 0
  where (l) a = -a
  print *, a
  m = reshape((/1,2,3,4/), (/2,2/))
  where (mod(m,2) == 0) m = m*10
  print *, m
  where (a(1:3) < a(3:5)) a(1:3) = a(3:1:-1)
  print *, a
end subroutine
