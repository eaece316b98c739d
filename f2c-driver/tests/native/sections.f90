! Array functions, sections with gaps as arguments, overlapping assignments.
program p
  integer i, j, n, loop
  real total, z(3,4), w(4,2), y(3,2), v(5), u(5), t(4,3)
  double precision d(6)
  integer k(3)
  n = 5
  do j = 1, 4
    do i = 1, 3
      z(i,j) = i*10 + j
    end do
  end do
  do j = 1, 2
    do i = 1, 4
      w(i,j) = i - j
    end do
  end do
  y = matmul(z, w)
  print *, y
  print *, sum(z, dim=1)
  print *, sum(z, 2)
  print *, maxval(z, dim=2), count(z > 15, dim=1)
  t = transpose(z)
  print *, t
  v = (/ 1., 2., 3., 4., 5. /)
  v = v(5:1:-1)
  print *, v
  call twice(z(2,:), 4)
  print *, z
  call twice(v(1:5:2), 3)
  print *, v
  v(2:5) = v(1:4)
  print *, v
  k = (/ 3, 1, 2 /)
  call twice(v(k), 3)
  print *, v, total(v(5:1:-2), 3)
  if (total(v(5:1:-2), 3) > 1.0) print *, 'yes'
  print *, sum(matmul(z, w)), any(transpose(z) > 33)
  print *, matmul(z, (/1., 2., 3., 4./)), dot_product(v,v)
end program
subroutine twice(a, n)
  integer n
  real a(n)
  a = a*2
end subroutine
function total(a, n)
  real a(n)
  total = sum(a)
end function
