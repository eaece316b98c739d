program p
  implicit none
  integer :: a(2,3), r2(2), r3(3), v(3), n, i, j
  integer(8) :: k(3)
  integer(2) :: h(3)
  real :: b(2,3), r(3), none(3)
  complex :: z(2)
  double precision :: d(3)
  logical :: l(2,3)
  a(1,:) = (/1,3,5/); a(2,:) = (/2,4,6/)
  b = a*1.5
  r = (/1.5, 2.5, 3.5/); d = (/1d0, 2d0, 4d0/); v = (/3,1,2/)
  z = (/ (1.,2.), (3.,-4.) /)
  k = (/ 5000000000_8, -7_8, 3_8 /); h = (/ 3_2, -300_2, 7_2 /)
  r2 = sum(a, 2); print *, r2
  r3 = sum(a, dim=1); print *, r3, sum(a)
  r3 = product(a, 1); print *, r3, product(a)
  r3 = maxval(a, 1); r2 = minval(a, dim=2); print *, r3, r2
  r3 = sum(a, 1, a>2); print *, r3
  print *, sum(a, mask=a>2), sum(a, a>2), maxval(a, mask=a<4), minval(b, b>2), product(a, a>4)
  l = a > 3
  print *, count(l), count(l,1), any(l,2), all(l,1), any(mask=l), all(l), count(l, kind=8)
  print *, sum(a*2, 1), maxval(abs(a-3), 2), sum(sum(a,1)), sum(real(a))/size(a)
  print *, maxloc(a), minloc(a), maxloc(b(1,:)), maxloc(a, 1), minloc(a, dim=2), maxloc(v, mask=v<3)
  print *, maxloc(array=v, dim=1), minloc(v, 1), maxloc(v)
  print *, dot_product(v, r), dot_product(r, d), dot_product(z, z), dot_product(v, d), dot_product(d, v)
  print *, sum(z), product(z), sum(k), maxval(k), minval(k), sum(h), maxval(h), product(h), maxloc(k, 1)
  print *, matmul(a, transpose(a)), matmul(a, v), matmul((/1,2/), a)
  n = 0
  none = 1
  print *, maxval(none(1:n)), minval(d(1:n)), maxval(v(1:n)), minval(k(1:n)), maxval(h(1:n)), sum(r(1:n))
  print *, maxloc(none(1:n), 1), count(none(1:n) > 1), any(none(1:n) > 0), all(none(1:n) > 0)
  print *, iall(v), iany(v), iparity(v), parity(l)
  v(maxloc(v, 1)) = 100
  print *, v
  do i = 1, 2
    if (any(a(i,:) > 5)) print *, i, sum(a(i,:))
    j = sum(a(:,i)) + maxval(a(i,1:2))
    print *, j
  end do
end program
