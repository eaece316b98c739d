double precision function work(n, c)
  integer n
  character(len=*) :: c
  double precision :: w(n)
  w(1) = n
  work = w(1)
end function
program main
  double precision work
  real, allocatable :: a(:,:)
  allocate (a(3, 4))
  a(2, 3) = work(3, 'x')
end program
