! ISHFT, ISHFTC and IBITS have the width of their argument's type; a function that is only passed on
! has its own type.
program t
  integer(2) j, k, m
  integer(1) b
  integer(8) w
  integer n
  external double
  n = 3
  k = -1
  j = 12345
  m = 2
  b = -77
  w = -5
  print *, ishft(-1,-1)
  print *, ishft(-256,-4)
  print *, ishft(-1,-32)
  print *, ishft(1,31)
  print *, ishft(-1_8,-60)
  print *, ishft(-1_8,40)
  print *, ishftc(12345_2,3)
  print *, ishft(k,-4)
  print *, ishft(k,16)
  print *, ishft(k,n)
  print *, ibits(k,0,16)
  print *, ishft(n,32)
  print *, ishftc(j,3)
  print *, ishftc(j,m,9)
  print *, ishft(b,-n)
  print *, ishftc(b,3)
  print *, ishftc(b,3,8)
  print *, ishftc(b,-2,5)
  print *, iand(ishft(-1,-1),n)
  print *, ishft(w,-m)
  print *, ishft(n,m)
  call one(double, 1.5)
end program
subroutine one(f, x)
  print *, f(x)
end subroutine
function double(x)
  double = 2 * x
end function
