program p
  real, allocatable :: a(:)
  allocate (a(10))
  a(3) = 1
end program p
