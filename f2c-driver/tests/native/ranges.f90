! flags: -fno-range-check
! INTEGER constants out of their kinds' ranges.
program ranges
  integer, parameter :: big = 3000000000
  integer i, j, k(3)
  integer(8) m
  integer(1) small
  real x
  double precision d
  parameter (j = 2**31)
  data k /3000000000, 2*4294967295/
  data m /-3000000000/
  print *, big, j, k, m
  i = 3000000000
  print *, i, 3000000000, -i
  i = -2147483648
  print *, i
  i = 2**31 - 1
  print *, i
  m = 3000000000
  print *, m
  m = 2_8**63
  print *, m
  m = m - m + 3000000000
  print *, m
  small = 200
  print *, small
  x = 10**10
  d = 3000000000
  print *, x, d, d*3000000000
  if (i == 3000000000/2) print *, 'equal'
  call show(4294967297)
  call files
contains
  subroutine show(n)
    integer n
    print *, n
  end subroutine
  subroutine files
    integer n, status
    n = 0
    open (10, status='scratch', access='direct', recl=n, iostat=status)
    print *, status
    open (10, status='scratch', access='direct', iostat=status)
    print *, status
    open (10, status='scratch', recl=n - 4, iostat=status)
    print *, status
  end subroutine
end program
