program p
  integer :: a(6), b(6), n, m(2,3)
  logical :: l(6)
  real :: x(3), y(2,3), z(3,2)
  a = (/3,1,4,1,5,9/)
  b = cshift(a, 2)
  print *, b
  b = cshift(a, -1)
  print *, b
  b = eoshift(a, 1)
  print *, b
  b = eoshift(a, -2, boundary=7)
  print *, b
  l = a > 2
  b = 0
  n = count(l)
  b(1:n) = pack(a, l)
  print *, n, b
  print *, pack(a, a < 4)
  x = (/1.,2.,3./)
  y = spread(x, 1, 2)
  print *, y
  z = spread(x, dim=2, ncopies=2)
  print *, z
  m = reshape(a, (/2,3/))
  m = cshift(m, 1, dim=2)
  print *, m
  m = cshift(m, 1)
  print *, m
  b = unpack((/10,20,30,40/), l, a)
  print *, b
  a = merge(a, 0, l)
  print *, a
  call reshaped
  call mixed
end program
subroutine reshaped
  integer :: a(2,3), b(6), c(3,2), d(2,2,2)
  real :: x(4), y(2,2) = reshape((/1.,2.,3.,4./), (/2,2/))
  integer, parameter :: k(2,2) = reshape((/1,2,3,4/), (/2,2/))
  b = (/1,2,3,4,5,6/)
  a = reshape(b, (/2,3/))
  print *, a, k, y
  c = reshape(a, (/3,2/))
  print *, c
  x = reshape(y, (/4/))
  print *, x
  d = reshape((/1,2,3,4,5,6,7,8/), (/2,2,2/))
  print *, d, d(2,1,2)
  print *, sum(reshape(b, (/3,2/)), dim=1)
  y = reshape((/ (i*1.5, i=1,4) /), (/2,2/))
  print *, y
end subroutine
subroutine mixed
  integer :: i, a(6), b(2,3), c(3,2), d(4)
  real :: x(2,2), y(3)
  logical :: m(6)
  a = (/ (i, i=1,6) /)
  b = reshape(a, (/2,3/))
  print *, b
  c = transpose(b)
  print *, c
  b = reshape((/6,5,4,3,2,1/), shape(b))
  print *, b
  print *, cshift(a, 2)
  print *, eoshift(a, 1)
  print *, cshift(b, 1, dim=2)
  a = cshift(a, -1)
  print *, a
  m = a > 2
  print *, pack(a, m)
  d = pack(a, m)
  print *, d
  print *, spread(a(1:3), 1, 2)
  b = spread(a(1:3), dim=1, ncopies=2)
  print *, b
  print *, unpack(d(1:4), m, a)
  x = matmul(reshape((/1.,2.,3.,4./),(/2,2/)), reshape((/1.,0.,0.,1./),(/2,2/)))
  print *, x
  print *, reshape(a, (/3,4/), pad=(/0/))
  print *, reshape(a, (/2,3/), order=(/2,1/))
  print *, count(m), any(m), all(m), merge(1,2,m(1))
  print *, maxloc(a), minloc(a, dim=1), maxval(b, dim=1)
end subroutine
